"""Between the network and a screen: the server, log-ins, form keys and headers."""
