"""How the shipped networks are trained: the classifier by recipes, the Action Unit network."""
