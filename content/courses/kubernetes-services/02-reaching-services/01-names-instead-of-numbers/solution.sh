kubectl rollout status deployment/shop --timeout=60s
kubectl create configmap settings --from-literal=STOCK_URL=http://stock.market
kubectl expose deployment shop --name=shop-pods --port=80 --cluster-ip=None
kubectl create service externalname stock --external-name=stock.market.svc.cluster.local
