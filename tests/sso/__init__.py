"""Single sign-on against a provider and a directory that the tests run themselves."""
