"""Flask-AppBuilder made safe, once for every screen; knows FAB and Flask, nothing of the cases."""
