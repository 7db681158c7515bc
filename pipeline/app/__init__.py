"""From a configuration to a running system: the only room that names all the others."""
