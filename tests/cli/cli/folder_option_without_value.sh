gyre -C
