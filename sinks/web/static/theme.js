// Loaded before the page is painted, so that it never flashes in the other colours.
(() => {
  const theme = localStorage.getItem("framewatch.theme");
  if (theme === "dark" || theme === "light") {
    document.documentElement.dataset.theme = theme;
  }
})();
