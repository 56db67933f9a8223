"""The Flask extensions that need no application yet; the AppBuilder is made inside create_app."""

from flask_appbuilder import Model
from flask_appbuilder.utils.legacy import get_sqla_class
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

# FAB's models have their own metadata: without sharing it Alembic would propose to drop ab_*.
db = get_sqla_class()(metadata=Model.metadata)
migrate = Migrate()
csrf = CSRFProtect()
