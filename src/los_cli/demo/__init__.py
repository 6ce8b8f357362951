"""`los demo`: four customers' whole loans, live, through the HTTP API of real processes.

`command` is the entry; `children` are the processes, `seed` the lender, `play` what every step
shares, `script` the steps in order (`apply`, `lend`, `repay`, `others`), `show` what is printed.
"""
