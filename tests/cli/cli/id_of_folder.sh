mkdir folder
gyre id folder
