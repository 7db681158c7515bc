"""Video of cameras on the disk: written as it comes, found by time, cut into clips, and let go of."""
