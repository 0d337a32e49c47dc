#@ task write-the-name-down
#@ says There is no ConfigMap `settings` in namespace `default`, but there is one in `market`.
kubectl create configmap settings -n market --from-literal=STOCK_URL=http://stock.market
