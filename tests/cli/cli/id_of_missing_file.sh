gyre id nowhere
