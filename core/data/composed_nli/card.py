CARD = ""
