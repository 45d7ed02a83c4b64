"""Long trials: crawls that are interrupted a hundred times, and the same kills on stock Scrapy (`make soak`)."""
