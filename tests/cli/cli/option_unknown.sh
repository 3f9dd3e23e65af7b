gyre id --nonesuch x
