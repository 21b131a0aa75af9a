"""Frames in the forms that Bitstamp documents (WebSocket API v2; HTTP API), shortened."""

TRADE = (
    b'{"data":{"id":212337562,"timestamp":"1643643584","amount":0.0028,"amount_str":"0.00280000","price":38416,'
    b'"price_str":"38416","type":1,"microtimestamp":"1643643584587000","buy_order_id":1453306230087680,'
    b'"sell_order_id":1453306229420033},"channel":"live_trades_btcusd","event":"trade"}'
)
BOOK = (
    b'{"data":{"timestamp":"1583656800","microtimestamp":"1583656800237527",'
    b'"bids":[["8732.02","0.00002478"],["8729.62","0.01600000"]],'
    b'"asks":[["8735.67","2.00000000"],["8735.68","1.53294500"]]},"channel":"order_book_btcusd","event":"data"}'
)
DIFFERENCE = (
    b'{"data":{"timestamp":"1583656801","microtimestamp":"1583656801000000","bids":[["8732.02","0.00000000"]],'
    b'"asks":[]},"channel":"diff_order_book_btcusd","event":"data"}'
)
SUBSCRIBED = b'{"event": "bts:subscription_succeeded", "channel": "order_book_btcusd", "data": {}}'
UNSUBSCRIBED = b'{"event": "bts:unsubscription_succeeded", "channel": "order_book_btcusd", "data": {}}'
REFUSED = b'{"event":"bts:error","channel":"","data":{"code":4009,"message":"Connection is unauthorized."}}'
RECONNECT = b'{"event":"bts:request_reconnect","channel":"","data":""}'
HEARTBEAT = b'{"event":"bts:heartbeat","channel":"","data":{"status":"success"}}'

MARKETS = (
    b'[{"name":"BTC/USD","market_symbol":"btcusd","base_currency":"BTC","base_decimals":8,"counter_currency":"USD",'
    b'"counter_decimals":0,"minimum_order_value":"10","trading":"Enabled","instant_order_counter_decimals":2,'
    b'"instant_and_market_orders":"Enabled","description":"Bitcoin / U.S. dollar","market_type":"SPOT"},'
    b'{"name":"1INCH/EUR","market_symbol":"1incheur","base_currency":"1INCH","base_decimals":8,'
    b'"counter_currency":"EUR","counter_decimals":5,"minimum_order_value":"10","trading":"Disabled",'
    b'"market_type":"SPOT"},'
    b'{"name":"BTC/USD-PERP","market_symbol":"btcusd-perp","base_currency":"BTC","base_decimals":5,'
    b'"counter_currency":"USD","counter_decimals":0,"minimum_order_value":"10","minimum_order_amount":"0.00001000",'
    b'"trading":"Enabled","market_type":"PERPETUAL"}]'
)
TICKER = (
    b'{"timestamp":"1686068944","high":"26252","last":"26216","bid":"26208","vwap":"25000","volume":"3563.5",'
    b'"low":"25350","ask":"26211","open":"25730","open_24":"25895","percent_change_24":"1.24","pair":"BTC/USD"}'
)
OHLC = (
    b'{"data":{"pair":"BTC/USD","ohlc":['
    b'{"high":"9064.77","timestamp":"1593961440","volume":"18.49436608","low":"9040.87","close":"9064.77",'
    b'"open":"9040.87"},'
    b'{"high":"9071.59","timestamp":"1593961500","volume":"3.48631711","low":"9058.76","close":"9061.07",'
    b'"open":"9064.66"}]}}'
)
