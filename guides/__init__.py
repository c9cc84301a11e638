"""Operating model, role guides and runbooks, written from the catalogues and the configuration of the site."""
