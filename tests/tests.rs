mod invocation;
