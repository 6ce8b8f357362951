"""`los demo`: four customers' whole loans, live, through the HTTP API of real processes.

`command` is the entry; `children` are the processes, `lender` is who lends and `seed` sets it up,
`play` is what every step shares, `script` the steps in order (`apply`, `lend`, `repay`, `others`),
`show` what is printed.
"""
