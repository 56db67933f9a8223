"""密钥登记: which keys have sealed data here, each with what proves that it is the same key."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.keyring import ID_LENGTH, MARK_LENGTH
from app.models.types import UtcDateTime


class DataKey(Model):
    """One key by its name, never the key itself; `retired_at`: nothing is sealed by it any more."""

    __tablename__ = "data_keys"

    key_id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    check_value: Mapped[str] = mapped_column(String(MARK_LENGTH))
    added_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
