gyre manual nonesuch
