"""Credit reports from a credit information company; one file per bureau."""
