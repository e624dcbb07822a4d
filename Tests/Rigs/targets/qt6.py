"""A Qt 6 plain text editor. Usage: qt6.py FILE TITLE"""

from PyQt6 import QtCore, QtWidgets

import qt

qt.show(QtCore, QtWidgets)
