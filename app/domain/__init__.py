"""The rules of the plan: pure functions over facts and a given instant."""
