"""One form for each thing a person does to a case; field names are the action's own arguments."""
