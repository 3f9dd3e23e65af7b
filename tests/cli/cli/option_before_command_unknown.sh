gyre --nonesuch id
