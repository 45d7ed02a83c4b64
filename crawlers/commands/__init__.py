"""Small Scrapy commands; `scrapy <name> -h` explains each."""
