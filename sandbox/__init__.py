"""Local replicas of the sites, over real HTTP and TLS on loopback: ``python -m sandbox``.

    worlds/      WHAT THERE IS     people, items and who likes what: invented from a seed, or loaded from a dataset
    sites/       WHAT A SITE SAYS  pure functions: host, path and query -> reply; one module per site
    faults/      WHAT GOES WRONG   answers that are late, cut, wrong or no HTTP at all, by rate and by URL
    accounts.py  WHO ASKS          those who may log in, and the walls they meet after so many pages
    server.py    HOW IT IS SAID    HTTP and TLS, the request log, scripted walls, the control endpoint

It runs apart from any crawl, so that killing one leaves it as it was. It imports nothing of `crawlers`, nor they of it.
"""
