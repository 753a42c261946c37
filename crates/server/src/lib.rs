//! A tower layer that charges for a route.
