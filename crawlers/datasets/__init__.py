"""From staged rows to tables: seal (spool -> part), publish (parts -> table), check, merge, read."""
