"""The endpoints of the imitated service, one module for each family."""
