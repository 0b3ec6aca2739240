"""The registered claims, one module a family: being here is being registered."""
