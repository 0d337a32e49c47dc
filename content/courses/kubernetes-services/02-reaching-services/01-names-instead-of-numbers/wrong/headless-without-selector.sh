#@ task headless-service
#@ says Service `shop-pods` selects app=shop-pods: no pod has that label.
kubectl rollout status deployment/shop --timeout=60s
kubectl create service clusterip shop-pods --clusterip=None --tcp=80
