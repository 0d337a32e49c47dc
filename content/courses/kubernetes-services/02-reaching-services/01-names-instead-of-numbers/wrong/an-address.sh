#@ task write-the-name-down
#@ says ConfigMap `settings`: `data.STOCK_URL` is `http://10.96.*`, which does not look as asked.
kubectl create configmap settings --from-literal=STOCK_URL=http://10.96.12.34
