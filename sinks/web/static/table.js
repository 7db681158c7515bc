// Tables that change under one's eyes: only what is new is written, so that a selection and the focus stay.

/**
 * `columns` are `[title, kind]`, kind `number` or `text`; each row is texts, or `{ text, state }`, its first cell the
 * row's header. Without rows the table says `nothing`.
 */
export function fill(table, columns, rows, nothing) {
  const head = table.tHead ?? table.createTHead();
  const body = table.tBodies[0] ?? table.createTBody();
  const titles = JSON.stringify(columns);
  if (table.dataset.columns !== titles) {
    table.dataset.columns = titles;
    head.replaceChildren(line(columns.map(() => cell("th", "col"))));
    columns.forEach((column, at) => write(head.rows[0].cells[at], column[0], column));
    body.replaceChildren();
  }
  head.hidden = rows.length === 0 || columns.every(([title]) => !title);
  show(body, columns, rows.length ? rows : [[nothing]]);
}

function show(body, columns, rows) {
  while (body.rows.length > rows.length) {
    body.deleteRow(-1);
  }
  rows.forEach((row, at) => {
    if (body.rows[at]?.cells.length !== row.length) {
      const fresh = row.length === 1 ? [cell("td")] : row.map((_, column) => (column ? cell("td") : cell("th", "row")));
      fresh.at(-1).colSpan = 1 + columns.length - fresh.length;
      body.rows[at] ? body.rows[at].replaceWith(line(fresh)) : body.append(line(fresh));
    }
    row.forEach((content, column) => write(body.rows[at].cells[column], content, columns[column]));
  });
}

function write(cell, content, [title, kind = "text"]) {
  const { text, state = "" } = typeof content === "object" ? content : { text: content };
  if (cell.textContent !== text) {
    cell.textContent = text;
  }
  Object.assign(cell.dataset, { kind, state, title });
}

function line(cells) {
  const row = document.createElement("tr");
  row.append(...cells);
  return row;
}

function cell(name, scope) {
  const made = document.createElement(name);
  if (scope) {
    made.scope = scope;
  }
  return made;
}
