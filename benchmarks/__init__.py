"""Side-by-side measurements of the load engine and its peers. Nothing of the product imports this."""
