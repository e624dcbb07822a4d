"""A text area in Chromium. Usage: chromium.py FILE TITLE"""

import sys

import page

page.show([
    "chromium", "--no-sandbox", "--no-first-run", "--disable-gpu", "--password-store=basic",
    "--ozone-platform=x11", f"--user-data-dir={sys.argv[1]}.profile", "--app=",
])
