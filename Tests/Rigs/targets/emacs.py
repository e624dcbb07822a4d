"""A buffer in Emacs. Usage: emacs.py FILE TITLE"""

import os
import sys

from target import Report

report = Report(sys.argv[1])  # which stays open, so that the reader below never comes to an end
os.environ["TARGET_FILE"] = sys.argv[1]
os.set_inheritable(report.requests, True)
here = os.path.dirname(os.path.abspath(__file__))
os.execvp("emacs", ["emacs", "-Q", "-T", sys.argv[2], "-l", here + "/emacs.el"])
