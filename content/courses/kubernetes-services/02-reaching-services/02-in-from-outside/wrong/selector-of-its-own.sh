#@ task a-node-port
#@ says Service `shop-node` selects app=shop-node: no pod has that label.
kubectl rollout status deployment/shop --timeout=60s
kubectl create service nodeport shop-node --tcp=80:80 --node-port=30080
