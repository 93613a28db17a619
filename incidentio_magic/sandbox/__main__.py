"""`python -m incidentio_magic.sandbox`."""

from __future__ import annotations

import sys

from incidentio_magic.sandbox.command import main

sys.exit(main(sys.argv[1:]))
