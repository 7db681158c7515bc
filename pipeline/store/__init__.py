"""Where all that happened is kept: tables, pictures, and what is asked of them."""
