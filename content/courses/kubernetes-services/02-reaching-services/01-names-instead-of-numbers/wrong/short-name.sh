#@ task write-the-name-down
#@ says ConfigMap `settings`: `data.STOCK_URL` is `http://stock`, which does not look as asked.
kubectl create configmap settings --from-literal=STOCK_URL=http://stock
