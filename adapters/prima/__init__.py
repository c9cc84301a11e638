"""Prima, a UK fashion ERP, over SOAP. `port.build` makes the port; `contract` holds all that is assumed."""
