gyre help >&-
