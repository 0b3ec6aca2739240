"""What people and scripts are told of checks: text, tables, notes, pages, commands to paste."""
