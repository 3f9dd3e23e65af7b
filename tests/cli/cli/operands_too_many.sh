gyre help a b
