. "$GYRE_SOURCE/tests/support/flowers.sh"
