"""What several pages use. Decisions are functions without drawing, in modules without `draw`; pages only draw them."""
