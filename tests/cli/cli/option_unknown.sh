gyre help --nonesuch x
