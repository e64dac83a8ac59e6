//! Turns trusted files into a Policy, or explains every fault in them at once.
