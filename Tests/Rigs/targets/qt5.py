"""A Qt 5 plain text editor. Usage: qt5.py FILE TITLE"""

from PyQt5 import QtCore, QtWidgets

import qt

qt.show(QtCore, QtWidgets)
