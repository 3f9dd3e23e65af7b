gyre id
