"""What others published on the choice of layers, each claim put to the saved runs: agrees, disagrees, or not decidable with them."""
