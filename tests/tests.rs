mod identity;
mod invocation;
