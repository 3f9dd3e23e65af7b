# A contract is written whole or not at all.
prepare() { flowers 90; }
act() { gyre schema flowers.csv -o flowers.contract.yaml; }
